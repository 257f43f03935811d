export default { day: '日期', showTable: '以表格显示', hideTable: '收起表格' } as const;
