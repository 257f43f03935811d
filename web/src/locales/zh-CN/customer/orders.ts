export default {
  title: '订单',
} as const;
