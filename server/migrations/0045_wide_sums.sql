-- What customers hold and move together: an amount of one of them is a bigint, which ends at 92
-- billion of the currency, and that is six million dollars where one of them is sixteen thousand.
alter table figure_days
  alter column deposits type numeric(30, 0),
  alter column bonuses type numeric(30, 0),
  alter column adjustments type numeric(30, 0);
alter table figures
  alter column charge type numeric(30, 0),
  alter column refunded type numeric(30, 0),
  alter column cost type numeric(30, 0),
  alter column uncosted_revenue type numeric(30, 0);
alter table staff_spending alter column amount type numeric(30, 0);
