/** The parts of css-tree by themselves: without the syntax of all values, which takes more memory than the rest. */

declare module 'css-tree/parser' {
  export { parse as default } from 'css-tree'
}

declare module 'css-tree/generator' {
  export { generate as default } from 'css-tree'
}
