/** The commands about products and what is offered to their devices. */
@NullMarked
package io.muster.hub.cli.products;

import org.jspecify.annotations.NullMarked;
