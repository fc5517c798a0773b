/** The ports of the broker: what others implement for it. */
@NullMarked
package io.muster.broker.spi;

import org.jspecify.annotations.NullMarked;
