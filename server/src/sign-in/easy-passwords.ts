/** What most passwords that are guessed first are made of. */
const easyWords = [
  ...['abc', 'access', 'admin', 'administrator', 'angel', 'apple', 'asdf', 'asdfgh', 'asdfghjkl'],
  ...['azerty', 'baby', 'babygirl', 'baseball', 'basketball', 'batman', 'changeme', 'charlie'],
  ...['chelsea', 'chocolate', 'computer', 'daniel', 'demo', 'dragon', 'football', 'forever'],
  ...['freedom', 'fuck', 'fuckyou', 'guest', 'happy', 'hello', 'hunter', 'iloveu', 'iloveyou'],
  ...['internet', 'jordan', 'killer', 'letmein', 'liverpool', 'login', 'love', 'loveme'],
  ...['lovely', 'loveyou', 'manager', 'master', 'michael', 'money', 'monkey', 'mustang'],
  ...['alexander', 'amanda', 'andrew', 'anthony', 'ashley', 'benjamin', 'butterfly', 'carolina'],
  ...['cheese', 'christian', 'cocacola', 'diamond', 'elizabeth', 'ferrari', 'friends', 'gabriel'],
  ...['george', 'hannah', 'harley', 'jasmine', 'jennifer', 'jessica', 'joshua', 'justin'],
  ...['martin', 'matthew', 'melissa', 'mercedes', 'michelle', 'nicole', 'patrick', 'pepper'],
  ...['rainbow', 'robert', 'samantha', 'sebastian', 'thomas', 'tigger', 'victoria', 'william'],
  ...['newyork', 'operator', 'panel', 'pass', 'passw', 'password', 'pokemon', 'princess', 'qazwsx'],
  ...['qazwsxedc', 'qwe', 'qwer', 'qwert', 'qwerty', 'qwertyui', 'qwertyuiop', 'root', 'samsung'],
  ...['secret', 'shadow', 'soccer', 'starwars', 'summer', 'sunshine', 'super', 'superman'],
  ...['superuser', 'sweet', 'system', 'test', 'testing', 'trustno', 'user', 'welcome', 'whatever'],
  ...['winter', 'woaini', 'zaq', 'zxc', 'zxcv', 'zxcvb', 'zxcvbn', 'zxcvbnm'],
];

/** Keys beside each other, and letters and digits in their order; also backwards. */
const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** Columns of the keyboard, as in 1qaz2wsx. */
const columns = [
  '1qaz',
  '2wsx',
  '3edc',
  '4rfv',
  '5tgb',
  '6yhn',
  '7ujm',
  'qaz',
  'wsx',
  'edc',
  'rfv',
];
const runLettersMin = 3;
/** How many different letters and signs have to be left that none of this explains. */
const ownLettersMin = 5;
/** Digits that are no run count once they are as many as nobody tries through. */
const ownDigitsMin = 12;

/**
 * Whether a password is among those that are tried first: words that many take, what the panel and
 * its user are called, rows of the keyboard, digits and repetitions, and little of its own. Pure.
 * @param context names that everybody knows: of the panel, of the user, of the e-mail address
 */
export function isEasyToGuess(password: string, context: readonly string[]): boolean {
  const plain = password
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('@', 'a')
    .replaceAll('$', 's')
    .replaceAll(/(?<=\p{L})0(?=\p{L})/gu, 'o')
    .replaceAll(/(?<=\p{L})3(?=\p{L})/gu, 'e')
    .replaceAll(/(?<=\p{L})1(?=\p{L})/gu, 'i');
  const names = context.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  const words = [...easyWords, ...columns, ...columns.map(reverse), ...names]
    .filter((word) => word.length >= runLettersMin)
    .toSorted((one, other) => other.length - one.length);
  const left = withoutKnown(plain, words);
  if (left.replaceAll(/\P{N}/gu, '').length >= ownDigitsMin) return false;
  // Digits between the letters, as in q1w2e3, hide no row of keys.
  const letters = withoutKnown(password.toLowerCase().replaceAll(/\p{N}/gu, ''), words);
  return Math.min(countOwn(left), countOwn(letters)) < ownLettersMin;
}

function countOwn(text: string): number {
  return new Set(text.replaceAll(/[\s\p{N}]/gu, '')).size;
}

function withoutKnown(text: string, words: readonly string[]): string {
  let left = text;
  for (const word of words) left = left.replaceAll(word, ' ');
  for (const row of rows) left = withoutRuns(withoutRuns(left, row), reverse(row));
  return left;
}

/** A text without the parts of at least three letters that stand so in a row of keys. */
function withoutRuns(text: string, row: string): string {
  let left = text;
  for (let size = row.length; size >= runLettersMin; size -= 1) {
    for (let at = 0; at + size <= row.length; at += 1) {
      left = left.replaceAll(row.slice(at, at + size), ' ');
    }
  }
  return left;
}

function reverse(text: string): string {
  return [...text].reverse().join('');
}
