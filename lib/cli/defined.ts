// SPDX-License-Identifier: MIT
// Flags that were given, without those that were not.

type Defined<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

export const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
