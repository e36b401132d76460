#!/usr/bin/env node
// Committed and executable, unlike dist/, so that npm can link the command before anything is built.
import '../dist/main.js';
