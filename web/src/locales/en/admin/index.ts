import frame from './frame.ts';

/** The texts of the operators' pages. */
export default { frame };
