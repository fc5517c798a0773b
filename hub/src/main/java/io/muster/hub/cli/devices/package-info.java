/** The commands about devices: what is registered, asked of them, and what they sign in with. */
@NullMarked
package io.muster.hub.cli.devices;

import org.jspecify.annotations.NullMarked;
