import { Anchor, Text } from '@mantine/core';

/** What an order is for: a link to go to, where it is one; else, as with user names, its text. */
export function OrderLink({ link }: { link: string }) {
  if (!isWebAddress(link)) {
    return (
      <Text span size="sm" className="long">
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
