/**
 * The command line: the server and every command of an operator.
 * Invariants: `--json` prints one JSON document on stdout and nothing else there; an error is one
 * line on stderr and an exit code; commands change state through the modules' commands only, as
 * the staff actor `cli`.
 */
export { runCli } from './program.ts';
