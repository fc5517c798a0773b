/** What an operator decides for all devices of a product. Plain values. */
@NullMarked
package io.muster.devices.product;

import org.jspecify.annotations.NullMarked;
