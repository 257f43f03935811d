export default {
  title: 'Orders',
} as const;
