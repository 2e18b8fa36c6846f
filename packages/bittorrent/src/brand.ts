/** A value that one parser made: structurally its base type, but only that parser's output is accepted where the brand is asked for. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
