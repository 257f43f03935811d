import { Anchor, Text } from '@mantine/core';

/** `linesMax`: in lists, where a link of any length has its place. */
type Props = { link: string; linesMax?: number };

/** What an order is for: a link to go to, where it is one; else, as with user names, its text. */
export function OrderLink({ link, linesMax }: Props) {
  const clamp = linesMax === undefined ? {} : { lineClamp: linesMax, title: link };
  if (!isWebAddress(link)) {
    return (
      <Text span size="sm" className="long" {...clamp}>
        {link}
      </Text>
    );
  }
  return (
    <Anchor
      href={link}
      target="_blank"
      rel="noopener noreferrer nofollow"
      size="sm"
      className="long"
      {...clamp}
      onClick={(event) => event.stopPropagation()}
    >
      {link}
    </Anchor>
  );
}

/** Customers write what they like: nothing but the web is gone to. */
function isWebAddress(link: string): boolean {
  const protocol = URL.parse(link)?.protocol;
  return protocol === 'https:' || protocol === 'http:';
}
