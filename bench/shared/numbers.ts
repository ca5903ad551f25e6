/** @throws RangeError that names the option and what it may be */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${option} is '${text}': give a whole number from ${least} to ${most}.`);
}
