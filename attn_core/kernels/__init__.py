"""Fast building blocks shared by the methods: tiles merged by log-sum-exp, and linear attention."""
