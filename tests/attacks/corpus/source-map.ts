/**
 * source-map: says in a source map that it was made from a file of the system, so that reports name that.
 */
export function start(): any {
  return {};
}
export function step(): any {
  throw new Error('where am I?');
}
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjogMywgInNvdXJjZXMiOiBbIi9ldGMvcGFzc3dkXHUwMDFiWzMxbSJdLCAibmFtZXMiOiBbXSwgIm1hcHBpbmdzIjogIkFBQUE7QUFDQTtBQUNBO0FBQ0E7QUFDQTtBQUNBO0FBQ0EifQ==
