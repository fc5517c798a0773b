/** What a text may hold that is kept. */
@NullMarked
package io.muster.devices.text;

import org.jspecify.annotations.NullMarked;
