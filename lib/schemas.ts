// SPDX-License-Identifier: MIT
// The names of the documents that are drawn as well as made.

export const compareSchema = "pagewalk.compare/1";
export const mrcSchema = "pagewalk.mrc/1";
