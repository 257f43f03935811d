import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEasyToGuess } from './easy-passwords.ts';

const context = ['Acme Panel', 'panelwright', 'Ada Lovelace', 'ada@lovelace.example'];

test('words that many take, rows of keys and repetitions make no password', () => {
  const easy = [
    ...['1234567890', 'password123', 'P@ssw0rd123!', 'qwertyuiop', 'qwerty12345', 'q1w2e3r4t5'],
    ...['1q2w3e4r5t', '1qaz2wsx3edc', '0987654321', 'zyxwvutsrq', 'aaaaaaaaaa', 'abcabcabcabc'],
    ...[
      'iloveyou12',
      'letmein2024',
      'ADMINISTRATOR',
      'trustno1!!',
      'woaini1314520',
      '密码密码密码密码密码',
    ],
  ];
  for (const password of easy) assert.equal(isEasyToGuess(password, context), true, password);
});

test('what everybody knows of the panel and its user makes none either', () => {
  for (const password of ['acmepanel2026', 'AdaLovelace1', 'lovelace.ada!', 'Panelwright1']) {
    assert.equal(isEasyToGuess(password, context), true, password);
  }
  assert.equal(isEasyToGuess('AdaLovelace1', []), false);
});

test('anything with enough of its own is taken, of whatever letters, digits or signs', () => {
  const good = [
    ...['correct horse battery', 'vX9#kq2LmZ', 'k3jf8sdl2mq', 'my password is a long one'],
    ...[
      '847201936584',
      '我的面板很安全非常安全',
      '🐎🔋📎🍀🧷🪁🎈🧊🪐🥁',
      'ÄäÖöÜüßẞéÉ',
      '~}[^|*+<?;',
    ],
  ];
  for (const password of good) assert.equal(isEasyToGuess(password, context), false, password);
});
