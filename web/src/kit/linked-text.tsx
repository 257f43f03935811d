import { Anchor } from '@mantine/core';
import { Fragment } from 'react';

/** Plain text of the operator's, in which web and e-mail addresses can be followed. */
export function LinkedText({ text }: { text: string }) {
  return text
    .split(/(\s+)/)
    .map((word, index) => ({ word, key: `${index} ${word}` }))
    .map(({ word, key }) => {
      const href = addressOf(word);
      if (href === undefined) return <Fragment key={key}>{word}</Fragment>;
      return (
        <Anchor
          key={key}
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          inherit
          underline="always"
        >
          {word}
        </Anchor>
      );
    });
}

function addressOf(word: string): string | undefined {
  if (/^https?:\/\/\S+$/i.test(word) && URL.canParse(word)) return word;
  if (/^[^\s@:/?]+@[^\s@:/?]+\.[^\s@:/?]+$/.test(word)) return `mailto:${word}`;
  return undefined;
}
