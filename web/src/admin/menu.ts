import {
  type Icon,
  IconBuildingFactory2,
  IconCategory,
  IconChartHistogram,
  IconCreditCard,
  IconHistory,
  IconInbox,
  IconListDetails,
  IconServer,
  IconSettings,
  IconShieldLock,
  IconUsers,
} from '@tabler/icons-react';

/** A page of the menu. */
export type Entry = {
  to: string;
  name:
    | 'dashboard'
    | 'orders'
    | 'queues'
    | 'services'
    | 'providers'
    | 'customers'
    | 'payments'
    | 'staff'
    | 'settings'
    | 'audit'
    | 'system';
  icon: Icon;
  /** The permission that the page needs; undefined: every member of staff has it. */
  area?: string;
};

/** The menu of the operators' pages. */
export const menu: readonly { name: 'work' | 'sell' | 'run'; items: readonly Entry[] }[] = [
  {
    name: 'work',
    items: [
      { to: '/admin', name: 'dashboard', icon: IconChartHistogram },
      { to: '/admin/orders', name: 'orders', icon: IconListDetails, area: 'orders' },
      { to: '/admin/queues', name: 'queues', icon: IconInbox, area: 'orders' },
      { to: '/admin/customers', name: 'customers', icon: IconUsers, area: 'customers' },
      { to: '/admin/payments', name: 'payments', icon: IconCreditCard, area: 'payments' },
    ],
  },
  {
    name: 'sell',
    items: [
      { to: '/admin/services', name: 'services', icon: IconCategory, area: 'services' },
      {
        to: '/admin/providers',
        name: 'providers',
        icon: IconBuildingFactory2,
        area: 'providers',
      },
    ],
  },
  {
    name: 'run',
    items: [
      { to: '/admin/staff', name: 'staff', icon: IconShieldLock, area: 'staff' },
      { to: '/admin/settings', name: 'settings', icon: IconSettings, area: 'settings' },
      { to: '/admin/audit', name: 'audit', icon: IconHistory, area: 'audit' },
      { to: '/admin/system', name: 'system', icon: IconServer, area: 'system' },
    ],
  },
];
