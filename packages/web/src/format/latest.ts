/** `make`, which is not asked again while its arguments are those of the last time. */
export function latest<Arguments extends readonly unknown[], Made>(
  make: (...given: Arguments) => Made,
): (...given: Arguments) => Made {
  let last: { readonly given: Arguments; readonly made: Made } | null = null;
  return (...given) => {
    if (last?.given.length !== given.length || given.some((one, place) => one !== last!.given[place])) {
      last = { given, made: make(...given) };
    }
    return last.made;
  };
}
