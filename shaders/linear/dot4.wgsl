// The dot product of four signed bytes with four others, where the language has no built-in one.

fn dot4I8Packed(a: u32, b: u32) -> i32 {
  var sum = 0;
  for (var i = 0u; i < 32; i += 8) {
    sum += extractBits(bitcast<i32>(a), i, 8) * extractBits(bitcast<i32>(b), i, 8);
  }
  return sum;
}
