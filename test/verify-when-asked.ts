// Services of tests verify their models when a test asks: by themselves they would repair what a test breaks by hand.
process.env.VERIFICATION_EVERY_MS ??= '0';
