import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

// docs/asvs.md answers each requirement, and what it names is there.

const root = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(root, 'docs/asvs.md'), 'utf8');

/** The requirements of ASVS 5.0.0 by section: those of level 2, with a star those of level 1. */
const requirements = `
  V1.1 1 2; V1.2 1* 2* 3* 4* 5* 6 7 8 9; V1.3 1* 2* 3 4 5 6 7 8 9 10 11; V1.4 1 2 3; V1.5 1* 2;
  V2.1 1* 2 3; V2.2 1* 2* 3; V2.3 1* 2 3 4; V2.4 1;
  V3.2 1* 2*; V3.3 1* 2 3 4; V3.4 1* 2* 3 4 5 6; V3.5 1* 2* 3* 4 5; V3.7 1 2;
  V4.1 1* 2 3; V4.2 1; V4.3 1 2; V4.4 1* 2 3 4;
  V5.1 1; V5.2 1* 2* 3; V5.3 1* 2*; V5.4 1 2 3;
  V6.1 1* 2 3; V6.2 1* 2* 3* 4* 5* 6* 7* 8* 9 10 11 12; V6.3 1* 2* 3 4; V6.4 1* 2* 3 4;
  V6.5 1 2 3 4 5; V6.6 1 2 3; V6.8 1 2 3 4;
  V7.1 1 2 3; V7.2 1* 2* 3* 4*; V7.3 1 2; V7.4 1* 2* 3 4 5; V7.5 1 2; V7.6 1 2;
  V8.1 1* 2; V8.2 1* 2* 3; V8.3 1*; V8.4 1; V9.1 1* 2* 3*; V9.2 1* 2 3 4;
  V10.1 1 2; V10.2 1 2; V10.3 1 2 3 4; V10.4 1* 2* 3* 4* 5* 6 7 8 9 10 11; V10.5 1 2 3 4 5;
  V10.6 1 2; V10.7 1 2 3;
  V11.1 1 2; V11.2 1 2 3; V11.3 1* 2* 3; V11.4 1* 2 3 4; V11.5 1; V11.6 1;
  V12.1 1* 2 3; V12.2 1* 2*; V12.3 1 2 3 4;
  V13.1 1; V13.2 1 2 3 4 5; V13.3 1 2; V13.4 1* 2 3 4 5; V14.1 1 2; V14.2 1* 2 3 4; V14.3 1* 2 3;
  V15.1 1* 2 3; V15.2 1* 2 3; V15.3 1* 2 3 4 5 6 7;
  V16.1 1; V16.2 1 2 3 4 5; V16.3 1 2 3 4; V16.4 1 2 3; V16.5 1 2 3; V17.1 1; V17.2 1 2 3 4;
  V17.3 1 2`;
const requirementsMax = 253;

const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| V'))
  .map((line) => {
    const [id = '', level = '', what = '', verdict = '', reason = ''] = line
      .slice(2, -2)
      .split(' | ');
    return { id, level, what, verdict, reason };
  });

test('each requirement of levels 1 and 2 has one line, and there is no other', () => {
  const expected = requirements.split(';').flatMap((section) => {
    const [name = '', ...numbers] = section.trim().split(/\s+/);
    return numbers.map((number) => {
      const level = number.endsWith('*') ? 1 : 2;
      return `${name}.${number.replace('*', '')} level ${level}`;
    });
  });
  assert.equal(expected.length, requirementsMax);
  assert.deepEqual(
    rows.map(({ id, level }) => `${id} level ${level}`),
    expected,
  );
});

test('each line has a verdict, and says what shows it, or why it is so', () => {
  for (const { id, what, verdict, reason } of rows) {
    assert(['met', 'partly', 'not met', 'n/a'].includes(verdict), `${id}: ${verdict}`);
    assert(what.length > 2 && reason.length > 3, id);
  }
});

test('the sums at the head are those of the lines', () => {
  for (const level of ['1', '2']) {
    const sums = ['met', 'partly', 'not met', 'n/a'].map(
      (verdict) => rows.filter((row) => row.level === level && row.verdict === verdict).length,
    );
    assert(text.includes(`| ${level} | ${sums.join(' | ')} |`), `level ${level}: ${sums}`);
  }
});

test('every file that is named exists', () => {
  const named = [...text.matchAll(/`((?:server|sdk|web|docs)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  assert(named.length > 150);
  const missing = [...new Set(named)].filter((path) => !existsSync(join(root, path)));
  assert.deepEqual(missing, []);
});
