// Set by tools/bundle.ts; undeclared when Node runs the sources themselves.
declare const __BUNDLED__: boolean

/**
 * Loads the module of one command when it is called for: commands/NAME.ts, or its bundle dist/commands/NAME.cjs.
 * Synchronous, as require is quicker than import and has the compile cache. `name` comes from the list of commands,
 * never straight from the command line: it becomes a path.
 */
export function loadCommand(name: string): unknown {
  // A bundle has a `require` of its own; node:module is not loaded for it.
  if (typeof __BUNDLED__ === 'boolean') return module.require(`./commands/${name}.cjs`)
  const { createRequire } = process.getBuiltinModule('node:module')
  return createRequire(import.meta.filename)(`./commands/${name}.ts`)
}
