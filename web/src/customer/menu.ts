import {
  type Icon,
  IconApi,
  IconClipboardText,
  IconListDetails,
  IconRefresh,
  IconShoppingCartPlus,
  IconTags,
  IconUserCircle,
  IconWallet,
} from '@tabler/icons-react';

type Entry = {
  to: string;
  name: 'newOrder' | 'massOrder' | 'services' | 'orders' | 'refills' | 'funds' | 'api' | 'account';
  icon: Icon;
};

/** The menu of the customers' pages, in groups. */
export const menu: readonly (readonly Entry[])[] = [
  [
    { to: '/', name: 'newOrder', icon: IconShoppingCartPlus },
    { to: '/mass-order', name: 'massOrder', icon: IconClipboardText },
    { to: '/services', name: 'services', icon: IconTags },
  ],
  [
    { to: '/orders', name: 'orders', icon: IconListDetails },
    { to: '/refills', name: 'refills', icon: IconRefresh },
    { to: '/funds', name: 'funds', icon: IconWallet },
  ],
  [
    { to: '/api-access', name: 'api', icon: IconApi },
    { to: '/account', name: 'account', icon: IconUserCircle },
  ],
];
