export default {
  title: '登录',
  email: '邮箱',
  password: '密码',
  submit: '登录',
  noAccount: '还没有账户？',
  signUp: '注册账户',
} as const;
