import { Option } from 'commander';

/** An option that takes one of some words; any other is refused with the list of them. */
export function choice(flags: string, description: string, words: readonly string[]): Option {
  return new Option(flags, description).choices(words);
}
