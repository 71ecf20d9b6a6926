const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** No more digits than a measurement bears: `1,230`, `0.0457`. */
export const amount = (value: number): string => THREE_DIGITS.format(value)

/** `4.21×`. */
export const times = (ratio: number): string => `${THREE_DIGITS.format(ratio)}×`
