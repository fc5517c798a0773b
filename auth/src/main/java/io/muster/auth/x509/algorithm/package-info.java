/** Which keys and signatures are strong enough, whoever uses them. */
@NullMarked
package io.muster.auth.x509.algorithm;

import org.jspecify.annotations.NullMarked;
