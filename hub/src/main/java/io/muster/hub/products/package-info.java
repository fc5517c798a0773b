/** What the hub does with the decisions of operators about products. */
@NullMarked
package io.muster.hub.products;

import org.jspecify.annotations.NullMarked;
