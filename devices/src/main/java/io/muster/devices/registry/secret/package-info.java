/** How secrets are kept: encrypted, under a key in a file that only its owner can read. */
@NullMarked
package io.muster.devices.registry.secret;

import org.jspecify.annotations.NullMarked;
