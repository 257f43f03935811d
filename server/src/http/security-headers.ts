/** For a year nothing but https, also on the hosts below; browsers heed it over https alone. */
export const transportSecurity = 'max-age=31536000; includeSubDomains';
