"""The same pictures before Rapt and before MediaPipe's face mesh: what each finds, and how fast."""
