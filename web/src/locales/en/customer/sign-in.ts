export default {
  title: 'Sign in',
  email: 'E-mail',
  password: 'Password',
  submit: 'Sign in',
  noAccount: 'New here?',
  signUp: 'Create an account',
} as const;
