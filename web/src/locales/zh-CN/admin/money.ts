export default {
  stopped: '该客户的资金已冻结，原因见客户页面。',
  overLimit: '您每天最多可向客户发放 {{limit}}，今天还剩 {{left}}。',
  countsToLimit: '计入您的每日支出限额（{{limit}}）。',
  noCredit: '有每日额度限制的员工不能提高信用额度，请联系没有限制的同事。',
  tooMuch: '该余额最多可扣除 {{most}}。',
  otherCurrency: '此付款是在面板更换货币之前发起的。请拒绝它，并按其价值为余额充值。',
  lacks: '您缺少“{{area}}”权限。',
  badAmount: '请输入金额，例如 12.50，最多 8 位小数',
} as const;
