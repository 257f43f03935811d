export default {
  groups: { work: '日常', sell: '商品', run: '面板' },
  pages: {
    dashboard: '概览',
    orders: '订单',
    queues: '待处理',
    services: '服务',
    providers: '供应商',
    customers: '客户',
    payments: '付款',
    staff: '员工',
    settings: '设置',
    audit: '审计日志',
    system: '系统',
  },
} as const;
