/** Options of the commands for products. */
@NullMarked
package io.muster.hub.cli.products;

import org.jspecify.annotations.NullMarked;
