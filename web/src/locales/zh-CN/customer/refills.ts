export default {
  title: '补单',
  description: '您申请的补单及其结果。',
  one: '补单 {{id}}',
  order: '订单',
  asked: '申请时间',
  none: '暂无补单',
  noneSuch: '没有匹配的补单',
  noneText: '已完成的订单如有掉量，可在订单列表中申请补单。',
  toOrders: '查看订单',
} as const;
