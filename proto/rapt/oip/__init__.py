"""Generated from the .proto files beside it by `./rapt generate`. Do not edit."""
