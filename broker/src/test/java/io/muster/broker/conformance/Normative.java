package io.muster.broker.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The normative statements that a test proves, by their numbers in the specifications: {@code
 * "3.1.2-24"} stands for {@code [MQTT-3.1.2-24]}. The test is shown under these numbers, and {@code
 * docs/conformance.md} lists it beside them.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Normative {

    /** Statements of MQTT 5.0. */
    String[] mqtt5() default {};

    /** Statements of MQTT 3.1.1. */
    String[] mqtt3() default {};
}
