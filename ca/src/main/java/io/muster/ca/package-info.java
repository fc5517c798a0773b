/**
 * A certificate authority: what it is asked for, decides and keeps in mind. It knows no MQTT and no
 * devices; whoever uses it says who a certificate is for. Between it and the other modules pass
 * only standard things: PEM, DER, serial numbers.
 */
@NullMarked
package io.muster.ca;

import org.jspecify.annotations.NullMarked;
