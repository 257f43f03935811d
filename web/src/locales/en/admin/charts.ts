export default { day: 'Day', showTable: 'Show as a table', hideTable: 'Hide the table' } as const;
