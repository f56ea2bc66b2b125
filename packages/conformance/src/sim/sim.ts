#!/usr/bin/env node
import { main } from './sim-main.ts';

process.exitCode = await main(process.argv.slice(2), console.log);
