/**
 * Where a test fails and what it made cannot be disposed of either, both are
 * told: by itself Deno says only that one error hid another.
 */

Object.defineProperty(SuppressedError.prototype, "cause", {
  configurable: true,
  get(this: SuppressedError): AggregateError {
    return new AggregateError([this.suppressed, this.error], "both of these");
  },
});
