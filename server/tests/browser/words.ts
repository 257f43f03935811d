/** What stands on the screen for a key of the app's texts, such as `admin/customers:adjust`. */
export type Words = (key: string) => string;

type Texts = Readonly<Record<string, unknown>>;

/** The words of pages, from the app itself. @throws Error for a key that it lacks */
export async function readWords(language: string, topics: readonly string[]): Promise<Words> {
  const texts = new Map<string, Texts>();
  for (const topic of topics) {
    // Not a literal: the app's texts are no part of this project.
    const file = new URL(`../../../web/src/locales/${language}/${topic}.ts`, import.meta.url);
    const module: { default: Texts } = await import(file.href);
    texts.set(topic, module.default);
  }
  return (key) => {
    const [topic = '', path = ''] = key.split(':');
    const word = path.split('.').reduce(step, texts.get(topic));
    if (typeof word !== 'string') throw new Error(`no text ${key}`);
    return word;
  };
}

function step(from: unknown, name: string): unknown {
  return (from as Texts | undefined)?.[name]; // a subject of the texts, or a word at its end
}
